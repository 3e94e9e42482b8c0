// app.ts: everything a page may need; an element costs nothing where it isn't used.
import { chrome } from './chrome';
import { glossary } from './glossary';
import './wire';
import './lensbar';
import './clock';
import './diff';
import './exchange';
import './browser';
import './policy';
import './question';
import './request';
import './home';
import './lesson';
import './workbench';

chrome();
glossary();
