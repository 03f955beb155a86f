package a

func f(a, b T, f float64) bool {
	if f != f {
		return false
	}
	x := 1 - 1
	return a.x == b.x && next() == next()
}
