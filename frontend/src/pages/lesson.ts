// lesson.ts: the script of a lesson.
import './page';
import './evidence';
import '../browser';
import '../question';
import { Lesson } from '../lesson';

customElements.define('pg-lesson', Lesson);
