async function f(page, name) {
  await page.evaluate((x) => show(x), name);
  vm.runInNewContext('f()', { name });
  new VM().run('f()');
  task.run('f(' + name + ')');
}
