export function run(text: string, req: any) {
  // bad
  eval(text);
  // bad
  return new Function("a", "return " + req.body.code);
}
