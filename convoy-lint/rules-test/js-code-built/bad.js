const Sandbox = require('sandbox');
async function f(page, name) {
  // bad
  await page.evaluate(`show("${name}")`);
  // bad
  vm.runInNewContext('f(' + name + ')', {});
  // bad
  new VM().run('f(' + name + ')');
  const s = new Sandbox();
  // bad
  s.run('f(' + name + ')', done);
}
