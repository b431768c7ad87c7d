"use strict";
const $ = id => document.getElementById(id);
const MAX_LINES = 2000, HEAT_LINES = 150, TABLE_LINES = 60, GROUPED_FROM = 60, BATCH = 128, SHOWN = 12;
const EXAMPLE = ["How do I cook pasta?", "A spaghetti recipe with garlic and oil", "Boil the noodles in salted water",
  "The stock market fell on Monday", "Shares dropped after the rate decision", "Investors are selling bonds",
  "Swifts sleep on the wing", "Birds migrate south in autumn", "The falcon is the fastest animal in a dive"];
// Lines and their vectors of length 1, row by row, and as the server gave them; `order` is that of the heat map.
let lines = [], vectors = [], raw = [], about = null, order = [], picked = -1, cell = [0, 1], plane = null, query = null, request = null, key = "", limit = BATCH;
let known = new Map(), language = "curl", running = 0;

