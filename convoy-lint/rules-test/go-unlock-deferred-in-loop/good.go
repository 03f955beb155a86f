package a

func f(all []*T) {
	for _, one := range all {
		func() {
			one.mu.Lock()
			defer one.mu.Unlock()
			one.n++
		}()
	}
	for {
		mu.Lock()
		defer mu.Unlock()
		return
	}
}
