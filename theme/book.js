// Behaviour of the pages. A page says the same without it: here are only ways
// to look closer and to move faster. choice.js has run before.
"use strict";
