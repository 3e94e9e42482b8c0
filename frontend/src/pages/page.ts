// page.ts: the script of a page that only says something.
import { chrome } from '../chrome';
import { glossary } from '../glossary';
import '../seated';

chrome();
glossary();
