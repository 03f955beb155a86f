package a

func f(a int) int {
	// bad
	if a == 1 {
		return 1
	} else if a == 1 {
		return 2
	}
	return 3
}
