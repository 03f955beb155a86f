package a

func f(ctx context.Context) {
	ctx, cancel := context.WithTimeout(ctx, time.Second)
	defer cancel()
	value, _ := context.WithValue(ctx, a, b)
}
