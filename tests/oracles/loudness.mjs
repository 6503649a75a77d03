/** The loudest sample that a page plays within so many milliseconds. */
export const loudness = (page, ms) => page.evaluate(async (wait) => {
  const { node } = textmusic.player;
  const tap = new AnalyserNode(node.context, { fftSize: 32768 });
  node.connect(tap);
  const samples = new Float32Array(tap.fftSize);
  let loudest = 0;
  for (const end = performance.now() + wait; performance.now() < end;) {
    await new Promise((resolve) => setTimeout(resolve, 50));
    tap.getFloatTimeDomainData(samples);
    for (const sample of samples) loudest = Math.max(loudest, Math.abs(sample));
  }
  node.disconnect(tap);
  return loudest;
}, ms);
