import path from "node:path";

import { defineConfig } from "@tarojs/cli";

/** Sizes in the style sheets are those of a phone 375 points wide. */
const DESIGN_WIDTH = 375;

/** WeChat has no origin of its own: its build must be told where the shop's API is. */
const api = process.env.SHOP_API ?? "/api/v1";

export default defineConfig(() => ({
  projectName: "shop",
  date: "2026-1-1",
  designWidth: DESIGN_WIDTH,
  deviceRatio: { 375: 2, 750: 1 },
  sourceRoot: "src",
  outputRoot: "dist",
  framework: "react",
  compiler: { type: "webpack5", prebundle: { enable: false } },
  cache: { enable: false },
  plugins: [],
  alias: { "@": path.resolve(__dirname, "..", "src") },
  defineConstants: { SHOP_API: JSON.stringify(api) },
  sass: { data: `@use "@/styles/tokens" as *;` },
  mini: {
    enableSourceMap: false,
    postcss: { pxtransform: { enable: true, config: {} }, cssModules: { enable: false } },
  },
  h5: {
    enableSourceMap: false,
    publicPath: process.env.SHOP_PUBLIC_PATH ?? "/static/h5/",
    staticDirectory: "assets",
    router: { mode: "hash" },
    webpackChain(chain) {
      // What several pages use is loaded once, not with each of them.
      chain.optimization.splitChunks({
        chunks: "all",
        cacheGroups: {
          vendors: { name: "vendors", test: /node_modules/, minChunks: 2, priority: 10, reuseExistingChunk: true },
          common: { name: "common", minChunks: 3, priority: 5, reuseExistingChunk: true },
        },
      });
      // The sizes of what is loaded are held by the project's own test.
      chain.performance.hints(false);
    },
    output: { filename: "js/[name].[contenthash:10].js", chunkFilename: "js/[name].[contenthash:10].js" },
    miniCssExtractPluginOption: {
      ignoreOrder: true,
      filename: "css/[name].[contenthash:10].css",
      chunkFilename: "css/[name].[contenthash:10].css",
    },
    postcss: {
      autoprefixer: { enable: true, config: {} },
      // One rem is 20 points: see app.scss.
      pxtransform: { enable: true, config: { baseFontSize: 20 } },
      cssModules: { enable: false },
    },
  },
}));
