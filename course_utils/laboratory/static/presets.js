// Settings of the chapters, each with one question that trying answers; the rival is what it is compared with.

export const PRESETS = [
  {
    name: "Overfitting (chapter 2)",
    page: "02_overfitting",
    question: "The rival trains on to the end. How much of its loss on fresh points does stopping early give back?",
    setting: { patience: 20 },
    rival: {},
  },
  {
    name: "L2 and its cliff (chapter 4)",
    page: "04_keras_regularizers",
    question: "Push λ to the right while it trains. Where does L2 stop helping, and where does the network learn nothing?",
    setting: { penalty: "l2", strength: 0.003, learningRate: 0.005 },
    rival: { learningRate: 0.005 },
  },
  {
    name: "Activity after the ReLU (chapter 7)",
    page: "07_activity_after_activation",
    question: "L1 makes many outputs exactly zero. Does that prevent overfitting? Look for a λ at which it does.",
    setting: { penalty: "activity_after", strength: 0.01 },
    rival: {},
  },
  {
    name: "Before or after the ReLU (chapter 8)",
    page: "08_activity_before_activation",
    question: "The rival has the same penalty after the ReLU. Which of the two leaves more units dead, and which the lower loss?",
    setting: { penalty: "activity_before", strength: 0.03 },
    rival: { penalty: "activity_after", strength: 0.03 },
  },
  {
    name: "KL sparsity (chapter 10)",
    page: "10_kl_sparsity",
    question: "You ask every unit for a mean of 0.05, the rival for 0.5. Which means do you get, and is it the small one that helps?",
    setting: { penalty: "kl", rho: 0.05, strength: 0.1, learningRate: 0.005, epochs: 100, batch: 50 },
    rival: { penalty: "kl", rho: 0.5, strength: 0.1, learningRate: 0.005, epochs: 100, batch: 50 },
  },
  {
    name: "Dropout (chapter 15)",
    page: "15_dropout_comparison",
    question: "From which rate on does dropout harm? And in a network of 8 units in each layer?",
    setting: { dropout: 0.5, depth: 4, width: 64, learningRate: 0.01, epochs: 100, batch: 100 },
    rival: { depth: 4, width: 64, learningRate: 0.01, epochs: 100, batch: 100 },
  },
];
