package a

func f() {
	mu.Lock()
	defer mu.Unlock()
}

func g() {
	mu.Unlock()
	defer mu.Lock()
}
