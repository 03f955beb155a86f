if (!(key in table)) work();
if (!(x instanceof Error)) work();
for (const key in table) work(!key);
