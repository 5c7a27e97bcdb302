process.stderr.write("PLANTED CODE RAN\n"); process.reallyExit(0);
