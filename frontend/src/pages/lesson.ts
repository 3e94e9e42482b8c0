// lesson.ts: the script of a lesson. Most lessons have no request to write: those that do ask for that part.
import './page';
import './evidence';
import '../browser';
import '../question';
import '../lesson';

if (document.querySelector('pg-request')) void import('../request');
