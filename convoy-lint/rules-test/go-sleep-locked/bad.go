package a

func f() {
	mu.Lock()
	n++
	// bad
	time.Sleep(time.Second)
	mu.Unlock()
}
