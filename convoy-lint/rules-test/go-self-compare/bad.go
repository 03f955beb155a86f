package a

func f(a, b T) bool {
	// bad
	if a.x == a.x {
		return true
	}
	// bad
	return a.y < b.y && b.z < b.z
}
