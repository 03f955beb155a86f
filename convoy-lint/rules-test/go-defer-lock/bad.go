package a

func f() {
	mu.Lock()
	// bad
	defer mu.Lock()
}
