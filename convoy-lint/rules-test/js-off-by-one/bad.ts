// bad
for (let i = 0; i <= items.length; i++) {
  work(items[i]);
}
