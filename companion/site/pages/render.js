// Reads formulas, one JSON object a line, and answers each with a line: its HTML, or what is wrong with it.
// Run as `node render.js path/to/katex.min.js`; ends with its input.
const katex = require(process.argv[2]);

require("readline").createInterface({ input: process.stdin }).on("line", (line) => {
  const { latex, options } = JSON.parse(line);
  let answer;
  try {
    answer = { html: katex.renderToString(latex, options) };
  } catch (error) {
    answer = { error: error.message };
  }
  process.stdout.write(JSON.stringify(answer) + "\n");
});
