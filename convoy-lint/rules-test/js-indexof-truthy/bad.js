// bad
if (names.indexOf(name)) work();
// bad
if (ready && names.indexOf(name)) work();
