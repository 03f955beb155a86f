if (x === 5) work();
if ((x = next())) work();
if (m = re.exec(s)) work(m);
