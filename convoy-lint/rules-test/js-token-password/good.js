const token = jwt.sign({ user }, key);
check({ password });
