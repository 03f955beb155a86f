async function f(urls: string[]) {
  for await (const url of stream) {
    await download(url);
  }
  for (const url of urls) {
    const answer = await download(url);
    if (answer) break;
  }
  for (const index of indices) {
    await this.createIndex(index);
  }
  await Promise.all(urls.map(download));
}
