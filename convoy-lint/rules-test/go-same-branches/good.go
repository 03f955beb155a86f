package a

func f(a bool) {
	if a {
		open("x")
	} else {
		open("y")
	}
	if a {
	} else {
	}
}
