package a

func f(done, work chan int) {
	for {
		select {
		case <-work:
			run()
		case <-done:
			// bad
			break
		}
	}
}
