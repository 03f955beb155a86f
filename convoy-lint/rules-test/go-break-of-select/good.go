package a

func f(done, work chan int) {
loop:
	for {
		select {
		case <-work:
			if late {
				break
			}
			run()
		case <-done:
			break loop
		}
	}
	for {
		select {
		case <-done:
			break
		}
		run()
	}
}
