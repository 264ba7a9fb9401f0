import js from "@eslint/js";
import globals from "globals";

const browser = ["enigma/**/*.js"];

export default [
  { ignores: ["**/node_modules/**"] },
  js.configs.recommended,
  {
    files: browser,
    languageOptions: { globals: globals.browser },
  },
  { files: ["**/*.config.js", "**/*.mjs"], languageOptions: { globals: globals.node } },
  {
    linterOptions: { reportUnusedDisableDirectives: "error" },
    rules: {
      eqeqeq: "error",
      "no-var": "error",
      "prefer-const": "error",
      "object-shorthand": "error",
      "no-implicit-coercion": "error",
      "no-shadow": "error",
      "no-use-before-define": ["error", { functions: false, classes: false, variables: false }],
      "no-restricted-syntax": ["error", { selector: "ExportAllDeclaration", message: "Modules are joined by name." }],
      "max-lines": ["error", { max: 250, skipBlankLines: true, skipComments: true }],
    },
  },
];
