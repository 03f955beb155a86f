async function f(urls: string[]) {
  // bad
  for (const url of urls) {
    await download(url);
  }
}
