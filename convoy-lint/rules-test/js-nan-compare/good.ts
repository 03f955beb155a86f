if (Number.isNaN(x)) work();
x = NaN;
