package a

func f(a int) int {
	if a == 1 {
		return 1
	} else if a == 2 {
		return 2
	}
	if _, err := one(); err != nil {
		return 1
	} else if _, err := two(); err != nil {
		return 2
	}
	if next() {
		return 1
	} else if next() {
		return 2
	}
	return 3
}
