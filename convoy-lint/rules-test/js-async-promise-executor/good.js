const p = new Promise((resolve, reject) => {
  work().then(resolve, reject);
});
const q = new Promise(async (resolve, reject) => {
  try {
    resolve(await work());
  } catch (error) {
    reject(error);
  }
});
