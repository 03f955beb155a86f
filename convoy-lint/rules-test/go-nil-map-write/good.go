package a

func f() {
	var seen map[string]bool
	seen = make(map[string]bool)
	seen["a"] = true
	var other = map[string]bool{}
	other["a"] = true
}
