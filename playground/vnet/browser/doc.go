// Package browser is a user agent in the server: it keeps a history, a cookie jar, a page and what a redirect asks for next,
// and speaks real HTTP through whatever carries its exchanges.
//
// Its state is plain data that survives as JSON, also between two hops of a redirect, so any process can go on with it. It
// follows redirects one at a time: all of them in one act, or one an act when asked to step. Cookies obey RFC 6265bis
// (domain, path, Secure, HttpOnly, SameSite, the __Host- and __Secure- prefixes) and the clock it is given; Referer obeys
// Referrer-Policy. It runs no script: what a page's script would do is done by who drives it.
//
// An address that is not of the web it hands to an app on its device, if one claims it: with the method OPEN, which is no HTTP,
// and with nothing but the address. What the app answers is its screen, or what it opens in this browser.
//
// One act at a time: who drives it sees to that. [Browser.Render] shows the page in a frame in which nothing can run,
// nothing is loaded, and every link and form comes back as a post to one address.
//
// Not here: who the hosts and the apps are, what is recorded, what a page's scripts do.
package browser
