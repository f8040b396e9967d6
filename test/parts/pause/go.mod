module realip.io/test/parts/pause

go 1.24.0
