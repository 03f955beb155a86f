if (a.width <= b.width || x !== x || f() || f()) work();
