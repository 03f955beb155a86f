package a

func f() {
	var seen map[string]bool
	// bad
	seen["a"] = true
}
