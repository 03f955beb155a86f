// bad
if (x === NaN) work();
// bad
if (x != NaN) work();
