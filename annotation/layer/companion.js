// What the labelling page does beside what Label Studio does. Loaded in the head of every page of a signed-in person.
"use strict";
window.belebele = { companion: 1 };
