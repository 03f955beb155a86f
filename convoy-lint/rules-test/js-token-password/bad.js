// bad
const token = jwt.sign({ user, password: user.password }, key);
