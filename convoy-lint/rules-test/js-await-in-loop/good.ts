async function f(urls: string[]) {
  for await (const url of stream) {
    await download(url);
  }
  for (const url of urls) {
    const answer = await download(url);
    if (answer) break;
  }
  await Promise.all(urls.map(download));
}
