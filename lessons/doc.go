// Package lessons is the lesson format and the lessons themselves.
//
// One Markdown file is one lesson; its folder is its track; a "##" heading begins a step. Fenced blocks with a known word
// and "> [!WORD]" callouts are alive: they become [Block] values that the world plays and the pages show. All else is prose,
// and the whole file still reads well wherever Markdown is rendered.
//
// Parsing is strict. Everything a lesson names (checks, settings, actors, attacks, sections of specifications,
// misconceptions) is held against a [Vocabulary]; every mistake is reported with file, line and how to mend it. A lesson that
// parses has feedback for each choice of each question and an expectation in each step that a learner does.
//
// A course is read once with [Load], or kept as its author changes it by a [Shelf]: the lessons of a folder stand over those that come
// with the binary, one with a mistake is taught as it last was, a file that can't be read stops no other, and a course file
// (course.yaml) orders, hides, renames and dresses what is there. Editors have JSON Schemas of what is written as YAML ([Schema]).
//
// Not here: playing a lesson and judging it (package world), what it must do when it is played (lint), showing it (frontend), what
// the checks are (mockidp, world).
package lessons
