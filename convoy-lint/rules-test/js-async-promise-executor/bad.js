// bad
const p = new Promise(async (resolve, reject) => {
  resolve(await work());
});
