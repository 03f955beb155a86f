package a

func f(a bool) {
	// bad
	if a {
		open("x")
	} else {
		open("x")
	}
}
