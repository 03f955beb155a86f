package a

func f() {
	mu.Lock()
	n++
	mu.Unlock()
	time.Sleep(time.Second)
}
