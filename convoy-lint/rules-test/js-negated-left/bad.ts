// bad
if (!key in table) work();
// bad
if (!x instanceof Error) work();
