if (names.indexOf(name) !== -1) work();
if (!names.indexOf(name)) work();
if (~names.indexOf(name)) work();
if (has(names.indexOf(name))) work();
