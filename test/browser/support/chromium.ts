export { launchProfile as launch, noChromium } from '../../../scripts/chromium.ts'
