for (let i = 0; i < items.length; i++) work(items[i]);
for (let i = 0; i <= items.length; i++) work(i === items.length ? rest : items[i]);
for (let i = 1; i <= items.length; i++) work(items[i - 1]);
for (let i = 0; i <= items.length; i++) work(items.slice(0, i));
